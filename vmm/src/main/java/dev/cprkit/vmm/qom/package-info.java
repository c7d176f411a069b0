/** The tree of objects and the types behind it, as QEMU's QOM shows them: for clients that ask what there is. */
package dev.cprkit.vmm.qom;
