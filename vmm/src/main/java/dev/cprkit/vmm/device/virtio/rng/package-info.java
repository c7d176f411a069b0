/** The virtio entropy device (virtio 1.2, section 5.4). */
package dev.cprkit.vmm.device.virtio.rng;
