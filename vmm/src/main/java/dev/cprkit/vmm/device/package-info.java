/** The devices: one package each. */
package dev.cprkit.vmm.device;
