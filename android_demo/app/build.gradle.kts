plugins {
    alias(libs.plugins.android.application)
    alias(libs.plugins.kotlin.android)
}

// The library brings the models in 8 bits along; this one is for the GPU, and to compare with.
val modelAssets by tasks.registering(Sync::class) {
    from(rootDir.parentFile.resolve("edge_runtime/models")) { include("*_float16.tflite") }
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

    sourceSets["main"].assets.srcDir(layout.buildDirectory.dir("model_assets"))

    buildTypes {
        release {
            isMinifyEnabled = true
            proguardFiles(getDefaultProguardFile("proguard-android-optimize.txt"))
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
