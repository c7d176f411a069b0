/** What travels: declarations of state, their encoder and decoder, and the stream's JSON description. */
package dev.cprkit.vmm.state;
