/** The real-time clock: Google's goldfish. */
package dev.cprkit.vmm.device.rtc;
