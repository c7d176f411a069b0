/** Flattened device trees (Devicetree Specification v0.4): nodes, writer, reader, and the nodes that no device owns. */
package dev.cprkit.vmm.machine.fdt;
