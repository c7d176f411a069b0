/** The main loop, its clocks and timers, and the run states. */
package dev.cprkit.vmm.run;
