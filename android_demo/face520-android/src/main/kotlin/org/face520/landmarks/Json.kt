package org.face520.landmarks

/** Text that is not JSON; the message says where. */
internal class JsonException(message: String) : IllegalArgumentException(message)

/**
 * Reads JSON into Map, List, String, Double, Boolean and null.
 *
 * Android's `org.json` does not exist on the JVM, where the tests of this package run.
 */
internal class Json private constructor(private val text: String) {
    private var at = 0

    private fun value(): Any? {
        skipSpace()
        return when (val first = peek()) {
            '{' -> objectValue()
            '[' -> arrayValue()
            '"' -> stringValue()
            't' -> word("true", true)
            'f' -> word("false", false)
            'n' -> word("null", null)
            else -> if (first == '-' || first in '0'..'9') numberValue() else fail("a value")
        }
    }

    private fun objectValue(): Map<String, Any?> {
        val fields = LinkedHashMap<String, Any?>()
        expect('{')
        skipSpace()
        if (peek() == '}') { at++; return fields }
        while (true) {
            skipSpace()
            val name = stringValue()
            skipSpace()
            expect(':')
            fields[name] = value()
            skipSpace()
            if (peek() != ',') break
            at++
        }
        expect('}')
        return fields
    }

    private fun arrayValue(): List<Any?> {
        val items = ArrayList<Any?>()
        expect('[')
        skipSpace()
        if (peek() == ']') { at++; return items }
        while (true) {
            items.add(value())
            skipSpace()
            if (peek() != ',') break
            at++
        }
        expect(']')
        return items
    }

    private fun stringValue(): String {
        expect('"')
        val read = StringBuilder()
        while (true) {
            when (val char = next()) {
                '"' -> return read.toString()
                '\\' -> read.append(escaped())
                else -> read.append(char)
            }
        }
    }

    private fun escaped(): Char = when (val char = next()) {
        'n' -> '\n'
        't' -> '\t'
        'r' -> '\r'
        'b' -> '\b'
        'f' -> '\u000c'
        'u' -> {
            if (at + 4 > text.length) fail("four hexadecimal digits")
            val code = text.substring(at, at + 4).toIntOrNull(16) ?: fail("four hexadecimal digits")
            at += 4
            code.toChar()
        }
        '"', '\\', '/' -> char
        else -> fail("an escape")
    }

    private fun numberValue(): Double {
        val start = at
        while (at < text.length && (text[at] in '0'..'9' || text[at] in "+-.eE")) at++
        return text.substring(start, at).toDoubleOrNull() ?: fail("a number")
    }

    private fun word(word: String, meaning: Any?): Any? {
        if (!text.startsWith(word, at)) fail(word)
        at += word.length
        return meaning
    }

    private fun skipSpace() {
        while (at < text.length && text[at] in " \t\r\n") at++
    }

    private fun peek(): Char = if (at < text.length) text[at] else '\u0000'

    private fun next(): Char = if (at < text.length) text[at++] else fail("more text")

    private fun expect(char: Char) {
        if (peek() != char) fail("'$char'")
        at++
    }

    private fun fail(wanted: String): Nothing =
        throw JsonException("JSON: expected $wanted at character $at.")

    companion object {
        /** The value a text stands for. Throws [JsonException]. */
        fun parse(text: String): Any? {
            val reader = Json(text)
            val value = reader.value()
            reader.skipSpace()
            if (reader.at != text.length) reader.fail("the end")
            return value
        }

        /** The object a text stands for. Throws [JsonException]. */
        fun parseObject(text: String): JsonObject = JsonObject(
            parse(text) as? Map<*, *> ?: throw JsonException("JSON: expected an object."),
        )
    }
}
