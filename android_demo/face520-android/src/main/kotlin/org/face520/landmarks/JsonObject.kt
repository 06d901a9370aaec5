package org.face520.landmarks

/** Typed access to a parsed JSON object; each getter throws [JsonException] naming the field. */
internal class JsonObject(private val fields: Map<*, *>) {
    val names: Set<String> get() = fields.keys.map { it as String }.toSet()

    fun string(name: String): String = typed(name)

    fun boolean(name: String): Boolean = typed(name)

    fun double(name: String): Double = typed(name)

    fun int(name: String): Int = double(name).toInt()

    fun list(name: String): List<*> = typed(name)

    /** All texts of an array. */
    fun strings(name: String): List<String> =
        list(name).map { it as? String ?: throw JsonException("Field $name holds something that is no text.") }

    fun child(name: String): JsonObject = JsonObject(typed<Map<*, *>>(name))

    fun children(name: String): List<JsonObject> =
        list(name).map { JsonObject(it as? Map<*, *> ?: throw JsonException("$name: not objects.")) }

    /** All numbers of an array, nested arrays flattened in order. */
    fun floats(name: String): FloatArray {
        val values = ArrayList<Float>()
        collect(name, typed<List<*>>(name)) { values.add(it.toFloat()) }
        return values.toFloatArray()
    }

    /** As [floats], for whole numbers. */
    fun ints(name: String): IntArray {
        val values = ArrayList<Int>()
        collect(name, typed<List<*>>(name)) { values.add(it.toInt()) }
        return values.toIntArray()
    }

    private fun collect(name: String, items: List<*>, take: (Double) -> Unit) {
        for (item in items) {
            when (item) {
                is Double -> take(item)
                is List<*> -> collect(name, item, take)
                else -> throw JsonException("Field $name holds something that is no number.")
            }
        }
    }

    private inline fun <reified T> typed(name: String): T =
        fields[name] as? T ?: throw JsonException("Field $name is absent or of another kind.")
}
