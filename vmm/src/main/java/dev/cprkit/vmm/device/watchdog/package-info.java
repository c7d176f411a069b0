/** The watchdog: ARM's SP805, as in the Cortex-M system design kit. */
package dev.cprkit.vmm.device.watchdog;
