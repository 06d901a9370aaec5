package org.face520.demo.benchmark

private const val HEX = "0123456789abcdef"

/** Writes maps, lists, numbers, strings, booleans and null as JSON. */
object JsonText {
    /** The text of a value; numbers that JSON has no word for become null. */
    fun of(value: Any?): String = StringBuilder().also { append(it, value) }.toString()

    private fun append(text: StringBuilder, value: Any?) {
        when (value) {
            null -> text.append("null")
            is Map<*, *> -> {
                text.append('{')
                appendAll(text, value.entries) { (name, field) ->
                    quote(text, name as String)
                    text.append(": ")
                    append(text, field)
                }
                text.append('}')
            }
            is Iterable<*> -> {
                text.append('[')
                appendAll(text, value) { append(text, it) }
                text.append(']')
            }
            is Double -> text.append(if (value.isNaN() || value.isInfinite()) "null" else value.toString())
            is Float -> append(text, value.toDouble())
            is Number, is Boolean -> text.append(value.toString())
            else -> quote(text, value.toString())
        }
    }

    private fun <T> appendAll(text: StringBuilder, items: Iterable<T>, write: (T) -> Unit) {
        var isFirst = true
        for (item in items) {
            if (!isFirst) text.append(", ")
            isFirst = false
            write(item)
        }
    }

    private fun quote(text: StringBuilder, value: String) {
        text.append('"')
        for (char in value) {
            when {
                char == '"' || char == '\\' -> text.append('\\').append(char)
                char < ' ' -> text.append("\\u00").append(HEX[char.code shr 4]).append(HEX[char.code and 15])
                else -> text.append(char)
            }
        }
        text.append('"')
    }
}
