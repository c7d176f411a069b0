package dev.cprkit.vmm.monitor.qmp;

import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.monitor.EventSink;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.run.EventLoop;
import dev.cprkit.vmm.state.Section;
import java.util.ArrayList;
import java.util.List;

/** A machine without a guest: it keeps the run state and says what it was asked for. */
public final class FakeMachine implements VirtualMachine {
    public List<RamBlock> blocks = List.of();
    public final List<String> asked = new ArrayList<>();
    public RunState state = RunState.RUNNING;
    private final EventLoop loop;
    private final EventSink events;

    public FakeMachine(EventLoop loop, EventSink events) {
        this.loop = loop;
        this.events = events;
    }

    @Override
    public String machineType() {
        return "virt";
    }

    @Override
    public RunState runState() {
        return state;
    }

    @Override
    public void setRunState(RunState next) {
        state = next;
    }

    @Override
    public void stop(RunState next) {
        if (state.isLive()) {
            state = next;
            events.emit("STOP");
        }
    }

    @Override
    public void resume() throws CannotResume {
        if (state == RunState.SHUTDOWN) {
            throw new CannotResume("Resetting the Virtual Machine is required");
        }
        state = RunState.RUNNING;
        events.emit("RESUME");
    }

    @Override
    public void resumeAfterMigration() {
        state = RunState.RUNNING;
    }

    @Override
    public boolean autostart() {
        return true;
    }

    @Override
    public void reset(String cause, boolean guest) {
        asked.add("reset");
        events.emit("RESET", new JsonObject().put("guest", guest).put("reason", cause));
    }

    @Override
    public void shutdown(String cause, boolean guest, int exitStatus) {
        asked.add("shutdown " + exitStatus);
        loop.post(() ->
                events.emit("SHUTDOWN", new JsonObject().put("guest", guest).put("reason", cause)));
    }

    @Override
    public List<Section<?>> sections() {
        return List.of();
    }

    @Override
    public List<RamBlock> ramBlocks() {
        return blocks;
    }

    @Override
    public Clock clock() {
        return loop.hostClock();
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    @Override
    public EventSink events() {
        return events;
    }

    @Override
    public long lastGuestInstruction() {
        return 0;
    }

    @Override
    public long firstGuestInstruction() {
        return 0;
    }
}
