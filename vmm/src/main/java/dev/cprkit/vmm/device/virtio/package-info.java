/** Virtio over memory-mapped registers (virtio 1.2, section 4.2): the transport, the split queues, the device's seam. */
package dev.cprkit.vmm.device.virtio;
