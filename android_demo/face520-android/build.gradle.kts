plugins {
    alias(libs.plugins.android.library)
    alias(libs.plugins.kotlin.android)
    `maven-publish`
}

val runtime = rootDir.parentFile.resolve("edge_runtime")

group = "org.face520"
// The whole repository has one version, and it stands in the Python runtime.
version = Regex("__version__ = \"(.+)\"").find(runtime.resolve("__init__.py").readText())!!.groupValues[1]

// The models and the layout are those of the Python runtime; the library has no copy of its own.
val modelAssets by tasks.registering(Sync::class) {
    from(runtime.resolve("models")) { include("*_int8.tflite", "blazeface_*.tflite") }
    from(runtime) { include("layout520.json") }
    into(layout.buildDirectory.dir("model_assets"))
}

android {
    namespace = "org.face520.android"
    compileSdk = 36

    defaultConfig {
        minSdk = 24
        consumerProguardFiles("consumer-rules.pro")
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }

    sourceSets["main"].assets.srcDir(layout.buildDirectory.dir("model_assets"))

    publishing {
        singleVariant("release") { withSourcesJar() }
    }
}

kotlin {
    explicitApi()
    compilerOptions {
        jvmTarget.set(org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_1_8)
    }
}

tasks.named("preBuild") { dependsOn(modelAssets) }

dependencies {
    implementation(libs.litert)
}

// `./gradlew :face520-android:publishToMavenLocal`, or `publish` with a repository of yours.
publishing {
    publications {
        register<MavenPublication>("release") {
            artifactId = "face520-android"
            afterEvaluate { from(components["release"]) }
            pom {
                name.set("face520-android")
                description.set("520 3D landmarks of faces in photos and camera frames, on the phone.")
                licenses {
                    license {
                        name.set("Apache-2.0")
                        url.set("https://www.apache.org/licenses/LICENSE-2.0")
                    }
                }
            }
        }
    }
}
