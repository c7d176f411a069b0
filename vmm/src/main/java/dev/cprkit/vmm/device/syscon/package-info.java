/** The register by which the guest ends or restarts its machine: SiFive's test finisher. */
package dev.cprkit.vmm.device.syscon;
