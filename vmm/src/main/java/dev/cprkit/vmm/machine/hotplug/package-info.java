/** Plugging devices into a machine that exists, and unplugging them. */
package dev.cprkit.vmm.machine.hotplug;
