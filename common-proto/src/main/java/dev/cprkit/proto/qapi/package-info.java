/** QAPI types that QMP messages carry: run states, migration channels, addresses, parameters, capabilities. */
package dev.cprkit.proto.qapi;
