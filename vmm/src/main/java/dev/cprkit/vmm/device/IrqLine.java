package dev.cprkit.vmm.device;

/** One level-triggered interrupt wire. Called with the machine lock held. */
@FunctionalInterface
public interface IrqLine {
    /** Raises ({@code true}) or lowers the wire. Setting it to the level that it has does nothing. */
    void set(boolean level);
}
