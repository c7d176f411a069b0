package dev.cprkit.vmm.machine;

import dev.cprkit.proto.json.JsonValue.JsonObject;
import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.cpu.Vcpu;
import dev.cprkit.vmm.cpu.VcpuThread;
import dev.cprkit.vmm.device.Device;
import dev.cprkit.vmm.device.syscon.PowerControl;
import dev.cprkit.vmm.machine.boot.BootException;
import dev.cprkit.vmm.machine.config.GuestActions;
import dev.cprkit.vmm.memory.DirtyLog;
import dev.cprkit.vmm.memory.RamBlock;
import dev.cprkit.vmm.monitor.EventSink;
import dev.cprkit.vmm.run.Clock;
import dev.cprkit.vmm.run.EventLoop;
import dev.cprkit.vmm.run.MachineLock;
import dev.cprkit.vmm.run.MainLoop;
import dev.cprkit.vmm.run.RunStates;
import dev.cprkit.vmm.run.VmClock;
import dev.cprkit.vmm.state.Section;
import dev.cprkit.vmm.state.Sections;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The machine: it owns the board, the vCPU and the run state, and is the only one to start and stop the guest.
 *
 * <p>Everything runs on the main loop's thread with the machine lock held. {@link #shutdown} and the guest's own switches
 * may also be called by a vCPU that holds the lock: they halt the vCPU at once and leave the rest to the loop, so the
 * guest executes nothing after it asked to be switched off.
 */
public final class Machine implements VirtualMachine {
    private final MachineLock lock;
    private final MainLoop loop;
    private final EventSink events;
    private final Board board;
    private final Supplier<List<RamBlock>> memory;
    private final VcpuThread vcpu;
    private final RunStates states = new RunStates();
    private final Sections sections = new Sections();
    private final List<ResumeGuard> guards = new ArrayList<>();
    private final Consumer<String> complaints;
    private boolean autostart;
    private GuestActions actions;
    private boolean resetAsked;
    /** The guest switched itself off, and the user wants to look at it: it is about to be stopped for good. */
    private boolean switchedOff;

    private boolean suspendAsked;
    /** The guest slept when it was stopped, here or in the process that it came from. */
    private boolean wasSuspended;

    private boolean ending;
    private int exitStatus;

    /**
     * Takes ownership of the board and starts the vCPU's thread, paused.
     *
     * @param engine the board's vCPU, or one that stands still in its place
     * @param startsByItself false after -S
     * @param actions what the guest's own doings lead to, until that is changed
     * @param complaints is told, in one sentence, what the user must know
     */
    public Machine(
            MachineLock lock,
            MainLoop loop,
            EventSink events,
            Board board,
            Supplier<List<RamBlock>> memory,
            Vcpu engine,
            boolean startsByItself,
            GuestActions actions,
            Consumer<String> complaints) {
        this.lock = lock;
        this.loop = loop;
        this.events = events;
        this.board = board;
        this.memory = memory;
        this.autostart = startsByItself;
        this.actions = actions;
        this.complaints = complaints;
        this.vcpu = new VcpuThread(engine, lock, "CPU 0/TCG", this::crashed);
        sections.register(loop.vmClock().section());
        register(board.vcpuSections());
        for (Device device : board.devices()) {
            register(device.sections());
        }
        board.onWake(vcpu::wake);
        board.dirtyLog().restsBy(this::atRest);
        board.power(new BoardPower());
    }

    /** An instruction ended in a mistake of this program's, or in host memory that is gone: the guest stands still. */
    private void crashed(Throwable mistake) {
        loop.post(() -> {
            complaints.accept("the vCPU cannot go on, and the guest is stopped: " + mistake);
            if (states.current().isLive()) {
                stop(RunState.INTERNAL_ERROR);
            }
        });
    }

    private void register(List<Section<?>> wanted) {
        for (Section<?> section : wanted) {
            sections.register(section);
        }
    }

    /** Adds someone to ask before guest RAM is written again. */
    public void guard(ResumeGuard guard) {
        guards.add(guard);
    }

    /**
     * Power-on: resets everything and, unless a guest comes in, loads what the guest boots from.
     *
     * @throws BootException if that does not fit into RAM or cannot be read
     */
    public void powerOn() throws BootException {
        resetBoard();
    }

    @Override
    public String machineType() {
        return board.machineType();
    }

    @Override
    public RunState runState() {
        return states.current();
    }

    @Override
    public void setRunState(RunState next) {
        boolean wasIncoming = states.current() == RunState.INMIGRATE;
        states.set(next);
        if (wasIncoming != (next == RunState.INMIGRATE)) {
            board.holdInput(!wasIncoming);
        }
    }

    @Override
    public void stop(RunState next) {
        RunState from = states.current();
        if (from == RunState.INMIGRATE) {
            autostart = false;
        } else if (from.isLive()) {
            vcpu.pause();
            resetIfAsked();
            suspendIfAsked();
            vcpu.pause();
            loop.vmClock().stop();
            wasSuspended = states.current() == RunState.SUSPENDED;
            RunState then = ending || switchedOff ? RunState.SHUTDOWN : next;
            switchedOff = false;
            states.set(RunStates.allowed(states.current(), then) ? then : RunState.PAUSED);
            events.emit("STOP");
        } else if (next != RunState.PAUSED) {
            states.set(next);
        }
    }

    @Override
    public void resume() throws CannotResume {
        RunState from = states.current();
        switch (from) {
            case INMIGRATE -> autostart = true;
            case RUNNING, SUSPENDED -> {}
            case SHUTDOWN, INTERNAL_ERROR -> throw new CannotResume("Resetting the Virtual Machine is required");
            case FINISH_MIGRATE -> throw new CannotResume("Migration is not finalized yet");
            case DEBUG,
                    IO_ERROR,
                    PAUSED,
                    POSTMIGRATE,
                    PRELAUNCH,
                    RESTORE_VM,
                    SAVE_VM,
                    WATCHDOG,
                    GUEST_PANICKED,
                    COLO -> {
                askGuards(from);
                start();
            }
        }
    }

    @Override
    public void resumeAfterMigration() {
        start();
    }

    /** A guest that was asleep goes on sleeping: its clock ticks, its vCPU stands still. */
    private void start() {
        RunState next = wasSuspended ? RunState.SUSPENDED : RunState.RUNNING;
        wasSuspended = false;
        events.emit("RESUME");
        loop.vmClock().start();
        if (!RunStates.allowed(states.current(), next)) {
            setRunState(RunState.FINISH_MIGRATE); // from postmigrate no edge leads to sleep but this way round
        }
        setRunState(next);
        if (next == RunState.RUNNING) {
            vcpu.resume();
        }
    }

    /** Ends the process, or stops the guest for good, as the user wants it. */
    private void switchOff(String cause, boolean guest, int status) {
        if (actions.shutdown() == GuestActions.Shutdown.POWEROFF) {
            shutdown(cause, guest, status);
        } else if (!switchedOff) {
            switchedOff = true;
            vcpu.halt();
            events.emit("SHUTDOWN", new JsonObject().put("guest", guest).put("reason", cause));
            loop.post(() -> {
                if (switchedOff && states.current().isLive()) {
                    stop(RunState.SHUTDOWN);
                }
                switchedOff = false;
            });
        }
    }

    private void watchdogExpired() {
        GuestActions.Watchdog action = actions.watchdog();
        events.emit("WATCHDOG", new JsonObject().put("action", action.qapiName()));
        switch (action) {
            case RESET -> askForReset();
            case SHUTDOWN -> events.emit("POWERDOWN");
            case POWEROFF -> shutdown("guest-shutdown", true, 0);
            case PAUSE ->
                loop.post(() -> {
                    if (states.current().isLive()) {
                        stop(RunState.WATCHDOG);
                    }
                });
            case DEBUG -> complaints.accept("watchdog: timer fired");
            case NONE, INJECT_NMI -> {}
        }
    }

    private void askForReset() {
        resetAsked = true;
        vcpu.halt();
        loop.post(this::resetIfAsked);
    }

    @Override
    public GuestActions actions() {
        return actions;
    }

    @Override
    public void actions(GuestActions next) {
        actions = next;
    }

    @Override
    public boolean wasSuspended() {
        return wasSuspended;
    }

    @Override
    public void wasSuspended(boolean asleep) {
        wasSuspended = asleep;
    }

    @Override
    public boolean canWakeUp() {
        return board.canSuspend();
    }

    @Override
    public void wakeUp() throws CannotResume {
        if (!canWakeUp()) {
            throw new CannotResume("wake-up from suspend is not supported by this guest");
        }
        suspendIfAsked();
        if (states.current() != RunState.SUSPENDED) {
            throw new CannotResume("Unable to wake up: guest is not in suspended state");
        }
        board.wakeVcpu();
        states.set(RunState.RUNNING);
        vcpu.resume();
        events.emit("WAKEUP");
    }

    private void wakeUpIfAsleep() {
        if (states.current() == RunState.SUSPENDED && !ending) {
            try {
                wakeUp();
            } catch (CannotResume e) {
                complaints.accept("the machine cannot be woken: " + e.getMessage());
            }
        }
    }

    /** Carries out a sleep that the guest asked for: on the loop's next turn, or before the guest is stopped. */
    private void suspendIfAsked() {
        if (suspendAsked) {
            suspendAsked = false;
            vcpu.pause();
            states.set(RunState.SUSPENDED);
            events.emit("SUSPEND");
            if (board.wakePending()) {
                loop.post(this::wakeUpIfAsleep);
            }
        }
    }

    @Override
    public boolean autostart() {
        return autostart;
    }

    @Override
    public void reset(String cause, boolean guest) throws CannotResume {
        if (actions.reboot() == GuestActions.Reboot.SHUTDOWN) {
            switchOff(guest ? "guest-reset" : cause, guest, 0);
            return;
        }
        RunState from = states.current();
        askGuards(from);
        vcpu.pause();
        try {
            resetBoard();
        } catch (BootException e) {
            complaints.accept("the machine cannot be reset and ends: " + e.getMessage());
            shutdown("host-error", false, 1);
            return;
        }
        wasSuspended = false;
        suspendAsked = false;
        switchedOff = false;
        events.emit("RESET", new JsonObject().put("guest", guest).put("reason", cause));
        if (from == RunState.RUNNING) {
            vcpu.resume();
        } else if (from != RunState.INMIGRATE && from != RunState.FINISH_MIGRATE) {
            loop.vmClock().stop();
            states.set(RunState.PRELAUNCH);
        }
    }

    /** Carries out a reset that the guest asked for: on the loop's next turn, or before the guest is stopped. */
    private void resetIfAsked() {
        if (resetAsked) {
            resetAsked = false;
            try {
                reset("guest-reset", true);
            } catch (CannotResume e) {
                complaints.accept("the guest asked for a reset and gets none: " + e.getMessage());
            }
        }
    }

    private void askGuards(RunState from) throws CannotResume {
        for (ResumeGuard guard : guards) {
            guard.beforeTouchingGuest(from);
        }
    }

    private void resetBoard() throws BootException {
        for (Device device : board.devices()) {
            device.reset();
        }
        board.resetVcpu(states.current() != RunState.INMIGRATE);
    }

    @Override
    public void shutdown(String cause, boolean guest, int status) {
        lock.lock();
        try {
            if (ending) {
                return;
            }
            ending = true;
            exitStatus = status;
            vcpu.halt();
            loop.post(() -> {
                vcpu.end();
                loop.vmClock().stop();
                events.emit("SHUTDOWN", new JsonObject().put("guest", guest).put("reason", cause));
                loop.end();
            });
        } finally {
            lock.unlock();
        }
    }

    /** Runs a task while the guest executes nothing, as {@link VcpuThread#runPaused} does. */
    void runPaused(Runnable task) {
        vcpu.runPaused(task);
    }

    /** The Linux id of the vCPU's thread. Any thread. */
    public long vcpuThreadId() {
        return vcpu.threadId();
    }

    /** What the process shall exit with, once the loop has ended. */
    public int exitStatus() {
        return exitStatus;
    }

    @Override
    public List<Section<?>> sections() {
        return sections.inOrder();
    }

    @Override
    public List<RamBlock> ramBlocks() {
        return board.ramBlocks();
    }

    @Override
    public List<RamBlock> allMemory() {
        return memory.get();
    }

    @Override
    public long guestAddress(RamBlock block) {
        return board.guestAddress(block);
    }

    @Override
    public DirtyLog dirtyLog() {
        return board.dirtyLog();
    }

    /** Holds the guest up for some microseconds without anybody noticing. Any thread but the vCPU's. */
    private void atRest(Runnable task) {
        lock.lock();
        try {
            vcpu.runPaused(task);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Clock clock() {
        return loop.vmClock();
    }

    /** The virtual clock itself, for what may set it. */
    public VmClock vmClock() {
        return loop.vmClock();
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
    public void throttle(int percent) {
        vcpu.throttle(percent);
    }

    @Override
    public long lastGuestInstruction() {
        return vcpu.lastInstruction();
    }

    @Override
    public long firstGuestInstruction() {
        return vcpu.firstInstruction();
    }

    /** What the guest's own switches do. Called on the vCPU's thread with the machine lock held. */
    private final class BoardPower implements PowerControl {
        @Override
        public void shutdown(int status, boolean failure) {
            switchOff(failure ? "guest-panic" : "guest-shutdown", true, status);
        }

        @Override
        public void reset() {
            askForReset();
        }

        @Override
        public void watchdogExpired() {
            Machine.this.watchdogExpired();
        }

        @Override
        public void suspend() {
            suspendAsked = true;
            vcpu.halt();
            loop.post(Machine.this::suspendIfAsked);
        }

        @Override
        public void wakeUp() {
            loop.post(Machine.this::wakeUpIfAsleep);
        }
    }
}
