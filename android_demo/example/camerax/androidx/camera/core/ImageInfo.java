package androidx.camera.core;

/** Stands for CameraX's interface of this name, with what the example calls. */
public interface ImageInfo {
    /** Nanoseconds. */
    long getTimestamp();

    int getRotationDegrees();
}
