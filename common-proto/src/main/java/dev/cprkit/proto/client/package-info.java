/**
 * The QMP client of the operators' side: {@link dev.cprkit.proto.client.QmpClient} and why it may fail.
 *
 * <p>Facts: reference/qemu-cpr.md, section 8.1.
 */
package dev.cprkit.proto.client;
