package dev.cprkit.vmm.migration;

import dev.cprkit.proto.qapi.RunState;
import dev.cprkit.vmm.machine.VirtualMachine;
import dev.cprkit.vmm.migration.channel.MigrationFailure;
import dev.cprkit.vmm.migration.channel.OutgoingChannel;
import dev.cprkit.vmm.migration.channel.OutgoingFile;
import dev.cprkit.vmm.migration.ram.AutoConverge;
import dev.cprkit.vmm.migration.ram.DescriptorFile;
import dev.cprkit.vmm.migration.ram.PageFile;
import dev.cprkit.vmm.migration.ram.Precopy;
import dev.cprkit.vmm.migration.ram.RamPace;
import dev.cprkit.vmm.migration.ram.RamSaver;
import dev.cprkit.vmm.migration.ram.RamStatistics;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateOutput;
import java.io.IOException;
import java.util.Optional;

/**
 * The RAM of one migration that copies it: sent on the channel's thread while the guest runs, until the guest can be
 * stopped, and to its end when it is. What happens there is reported on the main loop, on which everything else is called.
 */
final class OutgoingRam implements AutoCloseable {
    /** What is told of a migration's RAM. */
    interface Listener {
        /** The list of blocks is written, and from now on no write of the guest is lost. */
        void begun();

        /** The guest's writes were looked at for the {@code number}th time. */
        void pass(int number);

        /** The rest can be sent while the guest is stopped. */
        void converged();

        /** Everything is sent; the devices follow. */
        void sent();

        /** It cannot be sent; the text is for the user. */
        void failed(String reason);
    }

    private final MigrationSetup setup;
    private final OutgoingChannel channel;
    private final Listener listener;
    private final RamStatistics statistics;
    private final RamPace pace = new RamPace();
    private final RamSaver saver;
    private final Precopy precopy;
    private final StateOutput out;
    private final StreamWriter.Ram stream;
    private final Optional<AutoConverge> brake;
    private boolean closed;

    OutgoingRam(MigrationSetup setup, StreamContent content, OutgoingChannel channel, Listener listener)
            throws MigrationFailure {
        this.setup = setup;
        this.channel = channel;
        this.listener = listener;
        this.statistics = new RamStatistics(content.ram().copiedBytes());
        this.saver = new RamSaver(
                content.ram(),
                setup.machine().dirtyLog(),
                zeroPages(setup.parameters().text(MigrationParameter.ZERO_PAGE_DETECTION)),
                statistics,
                content.ram().mapped() ? Optional.of(file(channel)) : Optional.empty());
        VirtualMachine machine = setup.machine();
        this.precopy = new Precopy(
                saver,
                statistics,
                pace,
                () -> machine.runState() == RunState.RUNNING,
                number -> tell(() -> listener.pass(number)));
        this.out = StateOutput.to(new ChannelSink(channel));
        this.stream = StreamWriter.ram(content, out, saver);
        this.brake = setup.capabilities().has(MigrationCapability.AUTO_CONVERGE)
                ? Optional.of(new AutoConverge(brakeSettings(), machine::throttle))
                : Optional.empty();
        brake.ifPresent(precopy::brakeBy);
        parametersChanged();
    }

    private static PageFile file(OutgoingChannel channel) throws MigrationFailure {
        if (channel instanceof OutgoingFile file) {
            return new DescriptorFile(file.fd());
        }
        throw new MigrationFailure("Migration requires seekable transport (e.g. file)");
    }

    /** Only the channels of capability multifd could look for zeros elsewhere: here "multifd" means the one that there is. */
    private static RamSaver.ZeroPages zeroPages(String parameter) {
        return parameter.equals("none") ? RamSaver.ZeroPages.SENT_WHOLE : RamSaver.ZeroPages.DETECTED;
    }

    RamStatistics statistics() {
        return statistics;
    }

    /** Takes over what parameters say now of speed and downtime. */
    void parametersChanged() {
        pace.set(
                number(MigrationParameter.MAX_BANDWIDTH),
                number(MigrationParameter.AVAIL_SWITCHOVER_BANDWIDTH),
                number(MigrationParameter.DOWNTIME_LIMIT));
        brake.ifPresent(converge -> converge.set(brakeSettings()));
    }

    private AutoConverge.Settings brakeSettings() {
        return new AutoConverge.Settings(
                (int) number(MigrationParameter.THROTTLE_TRIGGER_THRESHOLD),
                (int) number(MigrationParameter.CPU_THROTTLE_INITIAL),
                (int) number(MigrationParameter.CPU_THROTTLE_INCREMENT),
                setup.parameters().flag(MigrationParameter.CPU_THROTTLE_TAILSLOW),
                (int) number(MigrationParameter.MAX_CPU_THROTTLE));
    }

    /** For how many percent of the time capability auto-converge keeps the guest from running now. */
    int throttled() {
        return brake.map(AutoConverge::percent).orElse(0);
    }

    private long number(MigrationParameter parameter) {
        return setup.parameters().number(parameter);
    }

    /** Sends the stream's head and RAM, until {@link Listener#converged}. */
    void begin() {
        boolean returnPath = setup.capabilities().has(MigrationCapability.RETURN_PATH)
                && channel.returnPath().isPresent();
        run(
                () -> {
                    stream.start(returnPath);
                    out.flush();
                    statistics.otherBytes(out.position());
                    tell(listener::begun);
                    precopy.run(out, stream);
                },
                listener::converged);
    }

    /** The guest is stopped: sends the rest, until {@link Listener#sent}. */
    void finish() {
        brake.ifPresent(AutoConverge::end);
        statistics.guestRuns(false);
        run(
                () -> {
                    saver.syncStopped();
                    stream.end();
                    out.flush();
                },
                listener::sent);
    }

    /** A step of the stream. */
    @FunctionalInterface
    private interface Step {
        void run() throws StateException, IOException;
    }

    private void run(Step step, Runnable done) {
        channel.run(
                () -> {
                    try {
                        step.run();
                    } catch (StateException | RuntimeException e) {
                        throw new IOException(e.getMessage(), e);
                    } catch (InternalError e) {
                        throw new IOException("guest RAM cannot be read: the file behind it has become shorter", e);
                    }
                },
                new OutgoingChannel.Listener() {
                    @Override
                    public void done() {
                        if (!closed) {
                            done.run();
                        }
                    }

                    @Override
                    public void failed(String reason) {
                        if (!closed) {
                            listener.failed(reason);
                        }
                    }
                });
    }

    /** Runs it on the main loop, unless all is over by then. */
    private void tell(Runnable news) {
        setup.machine().loop().post(() -> {
            if (!closed) {
                news.run();
            }
        });
    }

    /** Ends it, wherever it is, and stops logging what the guest writes. Harmless when repeated. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            brake.ifPresent(AutoConverge::end);
            precopy.cancel();
            saver.close();
        }
    }

    /** The channel as the end of a stream. */
    private record ChannelSink(OutgoingChannel channel) implements StateOutput.Sink {
        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            channel.write(bytes, offset, length);
        }

        @Override
        public void writeDescriptor(int fd) throws IOException {
            throw new IOException("main does not support fd passing");
        }
    }
}
