package org.face520.demo.benchmark

import android.content.Context
import android.content.Intent
import android.content.IntentFilter
import android.os.BatteryManager
import android.os.Build
import android.os.PowerManager

private const val UNKNOWN = Int.MIN_VALUE

/** Battery temperature and thermal status of this phone. */
class PhoneThermals(private val context: Context) : Thermals {
    private val power = context.getSystemService(Context.POWER_SERVICE) as PowerManager

    override fun celsius(): Double? {
        // A sticky broadcast: the last one is returned at once, and no receiver stays behind.
        val battery = context.registerReceiver(null, IntentFilter(Intent.ACTION_BATTERY_CHANGED))
        val tenths = battery?.getIntExtra(BatteryManager.EXTRA_TEMPERATURE, UNKNOWN) ?: UNKNOWN
        return if (tenths == UNKNOWN) null else tenths / 10.0
    }

    override fun status(): Int? =
        if (Build.VERSION.SDK_INT >= Build.VERSION_CODES.Q) power.currentThermalStatus else null
}
