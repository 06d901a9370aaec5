#!/usr/bin/env bash
# Builds and tests the demo without Gradle and without Google's Maven: the same sources, from Maven
# Central and Debian alone, to a signed APK in build/android.
#
#   bash android_demo/build.sh          everything: golden vectors, tests, AAR, an app with it, APK, checks of the APK
#   bash android_demo/build.sh test     stops after the tests
#
# Needs a JDK 17 or later (21 for API 36), Maven, gcc, and for the APK Debian's packages aapt, zipalign, apksigner and
# android-framework-res.
# PYTHON names a Python in which `python -m edge_runtime` works.
set -euo pipefail

cd "$(dirname "$0")/.."
source android_demo/offline/tools.sh
readonly min_sdk=24 target_sdk=36

need java openjdk-17-jdk-headless
need javac openjdk-17-jdk-headless
need mvn maven
need unzip unzip
need zip zip

step "libraries"
mkdir -p "$jars"
readonly copy=(org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies -Dmdep.useSubDirectoryPerScope=true)
fetch app-pom.xml app "${copy[@]}"
fetch tools-pom.xml tools "${copy[@]}"
for aar in tensorflow-lite tensorflow-lite-api; do
    mkdir -p "$build/aar/$aar"
    unzip -qo "$jars"/app/compile/$aar-2.*.aar -d "$build/aar/$aar"
done
readonly stdlib=$(find $jars/app/compile -name 'kotlin-stdlib-*.jar')
readonly framework=$(find $jars/app/provided -name 'android-all-*.jar')
readonly lite=$build/aar/tensorflow-lite/classes.jar:$build/aar/tensorflow-lite-api/classes.jar
readonly junit=$(path_of $jars/app/test)

step "golden vectors"
"$python" -m android_demo.golden "$build/golden"

# All that is public must say so.
readonly explicit=-Xexplicit-api=strict packages=$demo/face520-android/src/main/kotlin/org/face520
step "landmarks: compile, without the framework on the class path"
kotlin "$classes/landmarks" "$stdlib" -module-name face520-landmarks $explicit $packages/landmarks $packages/overlay
kotlin "$classes/landmarks-test" "$stdlib:$junit:$classes/landmarks" "-Xfriend-paths=$classes/landmarks" $demo/face520-android/src/jvmTest/kotlin

tests() { # source folder, class path
    local names
    names=$(cd "$1" && find . -name '*Test.kt' | sed 's|^\./||; s|\.kt$||; s|/|.|g' | sort)
    # shellcheck disable=SC2086 # one argument per class
    java -Xmx1g "${jvm[@]}" -Djava.awt.headless=true "-Dface520.golden=$build/golden" "-Dface520.pictures=$build" \
        -cp "$2" org.junit.runner.JUnitCore $names
}

step "landmarks: tests"
tests $demo/face520-android/src/jvmTest/kotlin "$stdlib:$junit:$classes/landmarks:$classes/landmarks-test"

step "face520-android: compile"
kotlin "$classes/face520" "$stdlib:$framework:$lite:$classes/landmarks" "-Xfriend-paths=$classes/landmarks" \
    -module-name face520-android $explicit $packages/android
source android_demo/offline/aar.sh

step "app: resources"
need aapt2 aapt
need zipalign zipalign
need apksigner apksigner
readonly framework_resources=/usr/share/android-framework-res/framework-res.apk
[ -f $framework_resources ] || { echo "Run: apt-get install android-framework-res" >&2; exit 1; }
rm -rf "$build/resources" && mkdir -p "$build/resources/assets"
# What AGP takes from build.gradle.kts stands in the manifest here.
sed -e 's|<manifest |&package="org.face520.demo" |' -e 's|<application|& android:extractNativeLibs="false"|' \
    -e 's|${applicationId}|org.face520.demo|' -e '/@style.App">/r /dev/stdin' \
    $demo/app/src/main/AndroidManifest.xml > "$build/resources/AndroidManifest.xml" \
    < <(sed -n '/<!--/,/<uses-native/p' "$unpacked/AndroidManifest.xml") # what the library's says of its app
cp "$unpacked"/assets/* edge_runtime/models/*_float16.tflite "$build/resources/assets"
aapt2 compile --dir $demo/app/src/main/res -o "$build/resources/compiled.zip"
# aapt2 of Debian 12 reads the framework's resources up to Android 10; the app uses none that is newer.
aapt2 link -I "$framework_resources" --compile-sdk-version-code $target_sdk \
    --compile-sdk-version-name 16 --manifest "$build/resources/AndroidManifest.xml" --warn-manifest-validation \
    --min-sdk-version $min_sdk --target-sdk-version $target_sdk --version-code 1 --version-name 0.1 \
    --auto-add-overlay -0 .tflite -A "$build/resources/assets" --proguard "$build/manifest-rules.pro" --java "$build/resources/java" \
    -o "$build/resources.apk" "$build/resources/compiled.zip"

step "app: compile"
rm -rf "$classes/r" && mkdir -p "$classes/r"
javac -nowarn --release 8 -Xlint:-options -d "$classes/r" "$build/resources/java/org/face520/demo/R.java"
# The library as every app has it.
kotlin "$classes/app" "$stdlib:$framework:$lite:$unpacked/classes.jar:$classes/r" $demo/app/src/main/kotlin
kotlin "$classes/app-test" "$stdlib:$junit:$unpacked/classes.jar:$classes/app" $demo/app/src/test/kotlin

step "app: tests"
tests $demo/app/src/test/kotlin "$stdlib:$junit:$unpacked/classes.jar:$classes/app:$classes/app-test"
# The report that those tests wrote must be one of the benchmark harness's.
"$python" - "$build/benchmark.json" << 'CHECK'
import sys
from pathlib import Path

from benchmarks.report.record import Report

report = Report.read(Path(sys.argv[1]))
assert report.device.name == 'A "phone"', report.device
print(f"benchmark.json: {report.latency[0].model}, {report.latency[0].latency.count} samples")
CHECK
bash $demo/screens/run.sh
bash $demo/example/build.sh
bash $demo/offline/lint.sh
[ "${1:-}" = test ] && exit

step "app: dex"
readonly dexed=$build/dexed
rm -rf "$dexed" && mkdir -p "$dexed"
# What the release build of Gradle does: unused code goes, and names that nothing looks for.
rules=()
for file in "$build/manifest-rules.pro" $build/aar/*/proguard.txt; do
    rules+=(--pg-conf "$file")
done
for part in app r; do (cd "$classes/$part" && zip -qr "$OLDPWD/$dexed/$part.zip" org); done
mkdir -p "$dexed/out"
r8 "$dexed/out" --min-api $min_sdk "${rules[@]}" --pg-map-output "$build/mapping.txt" "$dexed"/*.zip "$stdlib" \
    $build/aar/*/classes.jar
cp "$dexed/out/classes.dex" "$build/classes.dex"

step "app: package and sign"
rm -rf "$build/package" && mkdir -p "$build/package"
cp "$build/classes.dex" "$build/package"
cp -r "$build/aar/tensorflow-lite/jni" "$build/package/lib"
cp "$build/resources.apk" "$build/unaligned.apk"
# Stored, not deflated: native libraries are then loaded straight from the APK.
(cd "$build/package" && zip -q0r ../unaligned.apk classes.dex lib)
zipalign -f -p 4 "$build/unaligned.apk" "$build/face520-demo.apk"
readonly keys=$build/debug.keystore
[ -f "$keys" ] || keytool -genkeypair -keystore "$keys" -storepass android -keypass android -alias debug \
    -keyalg RSA -keysize 2048 -validity 10000 -dname "CN=face520 debug" > "$build/keytool.log" 2>&1
apksigner sign --ks "$keys" --ks-pass pass:android --min-sdk-version $min_sdk "$build/face520-demo.apk"

step "app: verify"
apksigner verify --min-sdk-version $min_sdk --verbose "$build/face520-demo.apk" > "$build/signature.txt"
grep -x 'Verified using .*: true' "$build/signature.txt"
zipalign -c -p 4 "$build/face520-demo.apk"
aapt dump badging "$build/face520-demo.apk" > "$build/badging.txt"
for line in "package: name='org.face520.demo'" "sdkVersion:'$min_sdk'" "targetSdkVersion:'$target_sdk'" \
    "uses-permission: name='android.permission.CAMERA'" "launchable-activity: name='org.face520.demo.live.LiveActivity'" \
    "native-code: 'arm64-v8a'"; do
    grep -F "$line" "$build/badging.txt" || { echo "badging lacks: $line" >&2; exit 1; }
done
# Android looks for classes of the manifest and of layouts by name, when it is too late to complain to a
# developer; TensorFlow Lite's native code looks for some of its own.
names=$(grep -oh 'android:name="org.face520[^"]*' $demo/app/src/main/AndroidManifest.xml | cut -d'"' -f2)
names+=" $(grep -oh '<org.face520[^ ]*' -r $demo/app/src/main/res | tr -d '<' | sort -u)"
for name in $names org.tensorflow.lite.NativeInterpreterWrapper org.tensorflow.lite.TensorImpl; do
    grep -aqF "L${name//.//};" "$build/classes.dex" || { echo "$name is not in the dex file" >&2; exit 1; }
done
for asset in edge_runtime/models/*.tflite edge_runtime/layout520.json; do
    packed=assets/$(basename "$asset")
    [ "$(unzip -p "$build/face520-demo.apk" "$packed" | sha256sum)" = "$(sha256sum < "$asset")" ] ||
        { echo "$packed differs from $asset" >&2; exit 1; }
    case $packed in *.tflite)
        unzip -v "$build/face520-demo.apk" "$packed" | grep ' Stored ' > /dev/null || { echo "$packed is compressed" >&2; exit 1; }
    esac
    echo "$packed: equal"
done
printf '\n%s: %s bytes, %ss\n' "$build/face520-demo.apk" "$(stat -c %s "$build/face520-demo.apk")" "$SECONDS"
