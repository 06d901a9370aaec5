plugins {
    alias(libs.plugins.kotlin.jvm)
}

// Pure Kotlin: no class of Android's framework is on this module's class path.
kotlin {
    compilerOptions {
        jvmTarget.set(org.jetbrains.kotlin.gradle.dsl.JvmTarget.JVM_1_8)
        // Later Java versions give ByteBuffer methods that Android has only since 14.
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

val repository = rootDir.parentFile
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
