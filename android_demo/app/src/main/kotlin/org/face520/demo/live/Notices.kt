package org.face520.demo.live

/** What a notice is about, the most pressing first. */
enum class Matter { MODEL, PERMISSION, CAMERA }

/** What the screen has to say: one text per matter, so that none hides another. */
class Notices(private val onChange: (Notices) -> Unit) {
    private val texts = java.util.EnumMap<Matter, String>(Matter::class.java)

    /** All texts, the most pressing first; empty when there is nothing to say. */
    val text: String get() = texts.values.joinToString("\n\n")

    operator fun contains(matter: Matter): Boolean = matter in texts

    /** Says something about a matter, in place of what was said of it before; null: no longer anything. */
    operator fun set(matter: Matter, text: String?) {
        if (text == null) texts.remove(matter) else texts[matter] = text
        onChange(this)
    }
}
