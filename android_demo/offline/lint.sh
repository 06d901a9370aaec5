#!/usr/bin/env bash
# Android's lint over manifest and resources, and R8's list of what the classes use that Android 7 lacks.
# After build.sh: needs what it leaves in build/android.
set -euo pipefail

cd "$(dirname "$0")/../.."
source android_demo/offline/tools.sh
readonly work=$build/lint

step "lint: manifest and resources"
fetch lint-pom.xml lint org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies
rm -rf "$work" && mkdir -p "$work/app"
# Lint reads a project as it was before Gradle: one folder, all facts in its manifest.
facts='<uses-sdk android:minSdkVersion="24" android:targetSdkVersion="36" />'
sed -e 's|<manifest |&android:versionCode="1" android:versionName="0.1" |' -e "s|<application|$facts\n    &|" \
    "$build/resources/AndroidManifest.xml" > "$work/app/AndroidManifest.xml"
cp -r $demo/app/src/main/res "$work/app/res"
java -Xmx512m "${jvm[@]}" "-Dcom.android.tools.lint.bindir=$work" -cp "$(path_of $jars/lint)" \
    com.android.tools.lint.Main --quiet --exitcode -Werror --config $demo/offline/lint.xml "$work/app"

step "lint: what Android 7 lacks"
# The code asks for the version before each of these; one more is a crash on an old phone. What was there and
# hidden in Android 7 is not told apart.
for part in app face520 landmarks; do
    [ ! -d "$classes/$part" ] || (cd "$classes/$part" && zip -qr "$OLDPWD/$work/$part.zip" org)
done
known=()
for jar in $jars/screens/sdk/android-all-instrumented-7.0.0_*.jar $jars/app/compile/kotlin-stdlib-*.jar \
    $build/aar/tensorflow-lite*/classes.jar "$(dirname "$(dirname "$(realpath "$(command -v java)")")")"; do
    known+=(--lib "$jar")
done
sources=()
for zip in "$work"/*.zip; do sources+=(--source "$zip"); done
java -Xmx1g "${jvm[@]}" -cp "$(path_of $jars/tools)" com.android.tools.r8.tracereferences.TraceReferences --check \
    "${known[@]}" "${sources[@]}" > "$work/references.txt" 2>&1 || true # it counts what is missing as an error
sed -nE 's/^(Error: )?Missing (class|method|field) (.*) \(referenced from: .*/\3/p' "$work/references.txt" |
    grep -vE '^org\.(face520\.demo\.R|jetbrains)\b' | LC_ALL=C sort -u > "$work/newer.txt"
grep -v '^#' $demo/offline/newer-than-24.txt | LC_ALL=C sort -u | diff - "$work/newer.txt" || {
    echo "Left: $demo/offline/newer-than-24.txt, right: what the classes use and Android 7 lacks." >&2
    exit 1
}
echo "$(wc -l < "$work/newer.txt") members of later versions, each behind a question for the version"
