#!/usr/bin/env bash
# Builds the example against face520-android.aar and what that asks for, and nothing else of this repository;
# shrinks it by the AAR's own rules, and runs what is left on the JVM. Needs what android_demo/build.sh leaves.
set -euo pipefail

cd "$(dirname "$0")/../.."
source android_demo/offline/tools.sh
source android_demo/offline/robolectric.sh
readonly here=$demo/example work=$build/example
stdlib=$(find $jars/app/compile -name 'kotlin-stdlib-*.jar')
framework=$(find $jars/app/provided -name 'android-all-*.jar')
readonly stdlib framework
fetch_robolectric

step "example: compile against the AAR"
rm -rf "$work" && mkdir -p "$work/camerax"
unzip -q "$build/face520-android.aar" -d "$work/aar"
# CameraX is in Google's Maven alone: its interfaces stand here with what the example calls.
javac -nowarn --release 8 -Xlint:-options -d "$work/camerax" $here/camerax/androidx/camera/core/*.java
kotlin "$work/app" "$stdlib:$framework:$work/camerax:$work/aar/classes.jar" $here/src/main/kotlin
sed -e 's|<manifest |&package="org.face520.example" |' $here/src/main/AndroidManifest.xml > "$work/AndroidManifest.xml"
aapt2 link -I /usr/share/android-framework-res/framework-res.apk --manifest "$work/AndroidManifest.xml" \
    --min-sdk-version 24 --target-sdk-version 36 -A "$work/aar/assets" --proguard "$work/manifest-rules.pro" \
    -o "$work/resources.apk"

step "example: shrink by the AAR's own rules"
for part in app camerax; do (cd "$work/$part" && zip -qr ../$part.jar .); done
# Class files instead of a dex file, so that what is left can be run here.
r8 "$work/shrunk.jar" --classfile --no-data-resources --lib "$stdlib" --classpath "$work/camerax.jar" --pg-conf "$work/manifest-rules.pro" \
    --pg-conf $here/screens/keep.pro --pg-conf "$work/aar/proguard.txt" \
    --pg-conf "$build/aar/tensorflow-lite/proguard.txt" "$work/app.jar" "$work/aar/classes.jar" $build/aar/tensorflow-lite*/classes.jar

# No folder of assets: they are read from the APK above, where aapt2 has compressed the models.
mkdir "$work/no-assets"
step "example: one photo and one live run on the JVM"
kotlin "$work/tests" "$stdlib:$lib:$framework:$work/camerax.jar:$work/app.jar" $here/screens \
    $demo/screens/src/org/face520/demo/CameraPicture.kt
run_tests org.face520.example "$work/AndroidManifest.xml" "$work/no-assets" "$work/resources.apk" 35 \
    "$work/tests:$work/shrunk.jar:$work/camerax.jar:$stdlib" org.face520.example.ExampleTest
