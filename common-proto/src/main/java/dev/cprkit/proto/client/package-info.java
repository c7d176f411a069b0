/** The QMP client of the operators' side. */
package dev.cprkit.proto.client;
