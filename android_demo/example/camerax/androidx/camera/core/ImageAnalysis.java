package androidx.camera.core;

/** Stands for CameraX's class of this name, with what the example implements. */
public final class ImageAnalysis {
    private ImageAnalysis() {}

    public interface Analyzer {
        void analyze(ImageProxy image);
    }
}
