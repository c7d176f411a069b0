package dev.cprkit.vmm.migration;

import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.VmState;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The section that says what the machine was doing before it was stopped (reference/qemu-cpr.md, section 3.7). */
final class GlobalState {
    private static final int NAME_BYTES = 32;

    static final VmState<GlobalState> STATE = VmState.<GlobalState>of("globalstate", 1)
            .u32("size", g -> g.size, (g, v) -> g.size = v)
            .buffer("runstate", NAME_BYTES, g -> g.name)
            .u8("has_vm_was_suspended", g -> 1, (g, v) -> {})
            .u8("vm_was_suspended", g -> g.wasSuspended ? 1 : 0, (g, v) -> g.wasSuspended = v != 0)
            .unused("unused", 66)
            .postLoad((g, version) -> g.check())
            .build();

    private final byte[] name = new byte[NAME_BYTES];
    private long size;
    private boolean wasSuspended;
    private RunState received = RunState.RUNNING;

    /** A machine that runs, until something else is captured or received. */
    GlobalState() {
        capture(RunState.RUNNING);
    }

    /** Remembers what the machine is doing, to send it; {@code asleep} if it sleeps, or did when it was stopped. */
    void capture(RunState state, boolean asleep) {
        capture(state);
        wasSuspended = asleep;
    }

    /** Remembers what a machine that does not sleep is doing, to send it. */
    void capture(RunState state) {
        wasSuspended = false;
        byte[] bytes = state.qapiName().getBytes(StandardCharsets.US_ASCII);
        Arrays.fill(name, (byte) 0);
        System.arraycopy(bytes, 0, name, 0, bytes.length);
        size = bytes.length + 1L;
    }

    /** What the old machine was doing; running if the stream did not say. */
    RunState received() {
        return received;
    }

    /** Whether the guest slept in the old process, even if it was stopped there. */
    boolean wasSuspended() {
        return wasSuspended || received == RunState.SUSPENDED;
    }

    private void check() throws StateException {
        int length = 0;
        while (length < NAME_BYTES && name[length] != 0) {
            length++;
        }
        String text = new String(name, 0, length, StandardCharsets.UTF_8);
        received = RunState.of(text)
                .orElseThrow(() -> new StateException("the old process was in an unknown run state '" + text + "'"));
    }
}
