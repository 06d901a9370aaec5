plugins {
    alias(libs.plugins.kotlin.jvm)
}

// The part of face520-android that is pure Kotlin, once more: here no class of Android's framework is on the
// class path, and its tests draw with Java's own toolkit, which Android's unit tests do not have.
val library = rootDir.resolve("face520-android/src")
val repository = rootDir.parentFile

kotlin {
    sourceSets["main"].kotlin.apply {
        srcDir(library.resolve("main/kotlin"))
        include("org/face520/landmarks/**", "org/face520/overlay/**")
    }
    sourceSets["test"].kotlin.srcDir(library.resolve("jvmTest/kotlin"))
    compilerOptions {
        jvmTarget.set(org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_1_8)
        // Later Java versions have classes and methods that Android 7 lacks.
        freeCompilerArgs.add("-Xjdk-release=1.8")
    }
}

java {
    sourceCompatibility = JavaVersion.VERSION_1_8
    targetCompatibility = JavaVersion.VERSION_1_8
}

dependencies {
    testImplementation(libs.junit)
}

val goldenFolder = repository.resolve("build/android/golden")

// The answers of the Python runtime, made anew for the models at hand. -Ppython=... names a Python
// in which `python -m edge_runtime` works.
val golden by tasks.registering(Exec::class) {
    workingDir(repository)
    commandLine(providers.gradleProperty("python").getOrElse("python3"), "-m", "android_demo.golden", goldenFolder.path)
}

tasks.test {
    dependsOn(golden)
    workingDir(repository)
    systemProperty("face520.golden", goldenFolder.path)
    systemProperty("java.awt.headless", "true")
}
