package org.face520.android

/** Why a network that was meant for the GPU does not run there. */
public enum class NoGpu {
    /** LiteRT's GPU library is not in the app. */
    NOT_IN_APP,

    /** That library does not know this phone's GPU, or does not work here. */
    NOT_ON_THIS_PHONE,

    /** It refuses this model. */
    NOT_FOR_THIS_MODEL,
}
