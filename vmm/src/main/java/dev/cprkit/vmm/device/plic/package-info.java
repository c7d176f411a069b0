/** The platform-level interrupt controller: from the devices' wires to each hart's external interrupts. */
package dev.cprkit.vmm.device.plic;
