#!/usr/bin/env bash
# Runs the app's screens on the JVM, as offline/robolectric.sh tells, and what needs the library in Android.
#
#   bash android_demo/screens/run.sh                                        every test
#   bash android_demo/screens/run.sh org.face520.demo.live.LiveScreenTest   one class, or several
#
# Needs what android_demo/build.sh leaves in build/android, and a C compiler. API 36 runs where there is
# a JDK 21 or later; what the screens look like lies in build/android/screens.
set -euo pipefail

cd "$(dirname "$0")/../.."
source android_demo/offline/tools.sh
source android_demo/offline/robolectric.sh
readonly here=$demo/screens

need gcc gcc
need javac openjdk-17-jdk-headless

step "screens: libraries"
fetch_robolectric
stdlib=$(find $jars/app/compile -name 'kotlin-stdlib-*.jar')
framework=$(find $jars/app/provided -name 'android-all-*.jar')
readonly stdlib framework
readonly lite=$build/aar/tensorflow-lite/classes.jar:$build/aar/tensorflow-lite-api/classes.jar
readonly app=$classes/app:$classes/face520:$classes/landmarks:$classes/r

step "screens: TensorFlow Lite for this machine"
lite_for_this_machine

step "screens: compile"
kotlin "$classes/screens" "$stdlib:$lib:$framework:$lite:$app" \
    "-Xfriend-paths=$classes/app,$classes/face520,$classes/landmarks" $here/src

read -r java version <<< "$(newest_java)"
levels=24,30,35,36
if [ "$version" -lt 21 ]; then
    levels=24,30,35
    echo "API 36 is not run: it needs a JDK 21 or later, and this machine's newest is $version."
fi
step "screens: tests at API $levels, Java $version"
tests=("$@")
if [ $# = 0 ]; then
    mapfile -t tests < <(cd $here/src && find . -name '*Test.kt' | sed 's|^\./||; s|\.kt$||; s|/|.|g' | sort)
fi
rm -rf "$build/screens"
run_tests org.face520.demo "$build/resources/AndroidManifest.xml" "$build/resources/assets" "$build/resources.apk" \
    $levels "$classes/screens:$app:$lite:$stdlib" "${tests[@]}"
