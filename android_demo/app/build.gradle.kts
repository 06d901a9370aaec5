plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
}

// The models and the layout are those of the Python runtime; the app has no copy of its own.
val modelAssets by tasks.registering(Sync::class) {
    val runtime = rootDir.parentFile.resolve("edge_runtime")
    from(runtime.resolve("models")) { include("*.tflite") }
    from(runtime) { include("layout520.json") }
    into(layout.buildDirectory.dir("model_assets"))
}

android {
    namespace = "org.face520.demo"
    compileSdk = 36

    defaultConfig {
        applicationId = "org.face520.demo"
        minSdk = 24
        targetSdk = 36
        versionCode = 1
        versionName = "0.1"
    }

    compileOptions {
        sourceCompatibility = JavaVersion.VERSION_1_8
        targetCompatibility = JavaVersion.VERSION_1_8
    }

    // Models are mapped straight from the APK, which a compressed asset does not allow.
    androidResources {
        noCompress += "tflite"
    }

    sourceSets["main"].assets.srcDir(layout.buildDirectory.dir("model_assets"))

    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"), "proguard-rules.pro")
        }
    }
}

kotlin {
    compilerOptions {
        jvmTarget.set(org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_1_8)
    }
}

tasks.named("preBuild") { dependsOn(modelAssets) }

dependencies {
    implementation(project(":face520-android"))
    implementation(libs.litert)
    implementation(libs.litert.gpu)
    implementation(libs.litert.gpu.api)
    testImplementation(libs.junit)
}
