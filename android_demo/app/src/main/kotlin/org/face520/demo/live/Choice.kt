package org.face520.demo.live

import android.view.View
import android.widget.AdapterView
import android.widget.ArrayAdapter
import android.widget.Spinner
import org.face520.demo.R

/** A drop-down list of values of any kind. */
object Choice {
    /** Fills a spinner; [onChosen] is called when the user takes another value. */
    fun <T> bind(spinner: Spinner, values: List<T>, selected: T, label: (T) -> String, onChosen: (T) -> Unit) {
        val adapter = ArrayAdapter(spinner.context, R.layout.choice, values.map(label))
        spinner.adapter = adapter
        var current = values.indexOf(selected).coerceAtLeast(0)
        spinner.setSelection(current, false)
        spinner.onItemSelectedListener = object : AdapterView.OnItemSelectedListener {
            override fun onItemSelected(parent: AdapterView<*>, view: View?, position: Int, id: Long) {
                // Android also calls this when the list is first laid out.
                if (position == current) return
                current = position
                onChosen(values[position])
            }

            override fun onNothingSelected(parent: AdapterView<*>) = Unit
        }
    }
}
