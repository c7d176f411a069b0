/** The harts' machine timer and software interrupts (RISC-V ACLINT), at the addresses of SiFive's CLINT. */
package dev.cprkit.vmm.device.aclint;
