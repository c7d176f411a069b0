/** What a machine is built from: immutable records that say everything a command line can say, and do nothing. */
package dev.cprkit.vmm.machine.config;
