package org.face520.landmarks

import org.junit.Assert.assertEquals
import org.junit.Assert.assertThrows
import org.junit.Test

class JsonTest {
    @Test
    fun `reads what JSON can say`() {
        val text = """ {"a": [1, -2.5e3, true, null], "b": {"c": "x\n\u00e9\"\/"}, "d": {}, "e": []} """
        val expected = mapOf(
            "a" to listOf(1.0, -2500.0, true, null),
            "b" to mapOf("c" to "x\n\u00e9\"/"),
            "d" to emptyMap<String, Any>(),
            "e" to emptyList<Any>(),
        )
        assertEquals(expected, Json.parse(text))
    }

    @Test
    fun `refuses what is no JSON`() {
        for (text in listOf("", "{", "[1,]", "{\"a\" 1}", "\"open", "tru", "1 2", "\"\\x\"", "\"\\u12\"", "-")) {
            assertThrows(text, JsonException::class.java) { Json.parse(text) }
        }
    }

    @Test
    fun `names the field that is missing or of another kind`() {
        val error = assertThrows(JsonException::class.java) { Json.parseObject("""{"a": "x"}""").double("a") }
        assertEquals("Field a is absent or of another kind.", error.message)
    }
}
