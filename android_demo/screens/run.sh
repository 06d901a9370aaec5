#!/usr/bin/env bash
# Runs the app's screens on the JVM: Android's own classes and drawing by Robolectric, and TensorFlow
# Lite's own x86_64 library of the AAR, loaded beside shim.c.
#
#   bash android_demo/screens/run.sh                                        every test
#   bash android_demo/screens/run.sh org.face520.demo.live.LiveScreenTest   one class, or several
#
# Needs what android_demo/build.sh leaves in build/android, and a C compiler. API 36 runs where there is
# a JDK 21 or later; what the screens look like lies in build/android/screens.
set -euo pipefail

cd "$(dirname "$0")/../.."
source android_demo/offline/tools.sh
readonly here=$demo/screens work=$build/screens-run

newest_java() { # its path and major version
    local candidate version best="" best_version=0
    for candidate in java "${JAVA_HOME:-/none}/bin/java" /usr/lib/jvm/*/bin/java; do
        command -v "$candidate" > /dev/null || continue
        version=$("$candidate" -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p')
        if [ "${version:-0}" -gt "$best_version" ]; then best=$candidate best_version=$version; fi
    done
    echo "$best $best_version"
}

need gcc gcc
need javac openjdk-17-jdk-headless

step "screens: libraries"
fetch screens-pom.xml screens validate
for aar in "$jars"/screens/lib/*.aar; do
    [ -f "${aar%.aar}.jar" ] || unzip -qp "$aar" classes.jar > "${aar%.aar}.jar"
done
stdlib=$(find $jars/app/compile -name 'kotlin-stdlib-*.jar')
framework=$(find $jars/app/provided -name 'android-all-*.jar')
# Outside of the tests' class loaders only names and types count: any level's classes do.
instrumented=$(find $jars/screens/sdk -name 'android-all-instrumented-15-*.jar')
readonly stdlib framework instrumented lib=$(path_of $jars/screens/lib)
readonly lite=$build/aar/tensorflow-lite/classes.jar:$build/aar/tensorflow-lite-api/classes.jar
readonly app=$classes/app:$classes/landmarks:$classes/r

step "screens: TensorFlow Lite for this machine"
mkdir -p "$work/native" "$work/com/android/tools"
"$python" -m android_demo.glibc_library "$build/aar/tensorflow-lite/jni/x86_64/libtensorflowlite_jni.so" \
    "$work/native/libtensorflowlite_jni.so"
gcc -Wall -Wextra -Werror -shared -fPIC -O1 -Wl,--no-as-needed -o "$work/native/liblog.so" "$here/shim.c" -lm -ldl
cat > "$work/com/android/tools/test_config.properties" << PATHS
android_merged_manifest=$PWD/$build/resources/AndroidManifest.xml
android_merged_assets=$PWD/$build/resources/assets
android_resource_apk=$PWD/$build/resources.apk
android_custom_package=org.face520.demo
PATHS

step "screens: compile"
kotlin "$classes/screens" "$stdlib:$lib:$framework:$lite:$app" "-Xfriend-paths=$classes/app" $here/src

read -r java version <<< "$(newest_java)"
levels=24,30,35,36
if [ "$version" -lt 21 ]; then
    levels=24,30,35
    echo "API 36 is not run: it needs a JDK 21 or later, and this machine's newest is $version."
fi
step "screens: tests at API $levels, Java $version"
opens=()
for package in java.io java.lang java.nio sun.nio.ch; do opens+=(--add-opens "java.base/$package=ALL-UNNAMED"); done
# Java 25 warns of native libraries that nobody allowed; Java 17 does not know all of them.
[ "$version" -lt 22 ] || opens+=(--enable-native-access=ALL-UNNAMED)
tests=("$@")
if [ $# = 0 ]; then
    mapfile -t tests < <(cd $here/src && find . -name '*Test.kt' | sed 's|^\./||; s|\.kt$||; s|/|.|g' | sort)
fi
rm -rf "$build/screens"
LD_LIBRARY_PATH=$work/native "$java" -Xmx2g "${jvm[@]}" "${opens[@]}" "-Djava.library.path=$work/native" \
    "-Dface520.golden=$build/golden" -Drobolectric.createActivityContexts=true -Drobolectric.offline=true \
    "-Drobolectric.enabledSdks=$levels" "-Drobolectric.dependency.dir=$PWD/$jars/screens/sdk" \
    -cp "$work:$classes/screens:$app:$lite:$stdlib:$lib:$instrumented" org.junit.runner.JUnitCore "${tests[@]}" \
    2> "$build/screens.log" || { tail -n 40 "$build/screens.log" >&2; exit 1; }
