# Packs the compiled face520-android into an AAR, as Android's build tools do; sourced by build.sh.
readonly library=$demo/face520-android unpacked=$build/aar/face520-android

step "face520-android: AAR"
rm -rf "$unpacked" && mkdir -p "$unpacked/assets" "$unpacked/META-INF/com/android/build/gradle"
# What AGP takes from build.gradle.kts stands in the manifest here.
sed -e 's|<manifest |&package="org.face520.android" |' -e "s|<application>|<uses-sdk android:minSdkVersion=\"$min_sdk\" />\n\n    &|" \
    $library/src/main/AndroidManifest.xml > "$unpacked/AndroidManifest.xml"
for part in landmarks face520; do
    (cd "$classes/$part" && zip -qXr "$OLDPWD/$unpacked/classes.jar" org META-INF)
done
: > "$unpacked/R.txt" # it has no resources
cp $library/consumer-rules.pro "$unpacked/proguard.txt"
cp edge_runtime/models/*_int8.tflite edge_runtime/models/blazeface_*.tflite edge_runtime/layout520.json "$unpacked/assets"
cp LICENSE edge_runtime/models/NOTICE.md "$unpacked"
# The oldest compileSdk and plugin that an app may have: it asks for nothing.
printf '%s\n' aarFormatVersion=1.0 aarMetadataVersion=1.0 minCompileSdk=1 minCompileSdkExtension=0 \
    minAndroidGradlePluginVersion=1.0.0 coreLibraryDesugaringEnabled=false \
    > "$unpacked/META-INF/com/android/build/gradle/aar-metadata.properties"
rm -f "$build/face520-android.aar"
(cd "$unpacked" && zip -qXr ../../face520-android.aar .)
for entry in AndroidManifest.xml classes.jar R.txt proguard.txt META-INF/com/android/build/gradle/aar-metadata.properties \
    assets/face520_main_int8.tflite assets/face520_small_int8.tflite assets/blazeface_short_range.tflite assets/layout520.json; do
    unzip -tqq "$build/face520-android.aar" "$entry"
done
echo "$build/face520-android.aar: $(stat -c %s "$build/face520-android.aar") bytes"
