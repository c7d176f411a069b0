package dev.cprkit.vmm.cpr;

import dev.cprkit.proto.os.ErrnoException;
import dev.cprkit.proto.os.Fds;
import dev.cprkit.vmm.os.HostFiles;
import dev.cprkit.vmm.os.MemoryFiles;
import dev.cprkit.vmm.state.StateException;
import dev.cprkit.vmm.state.StateInput;
import dev.cprkit.vmm.state.StateOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * CPR state that one process leaves for the program that replaces it under the same process id: a memfd with the numbers
 * of the descriptors, whose own number is in the environment (reference/qemu-cpr.md, section 2.5).
 *
 * <p>The old program's side owns duplicates of everything that it hands over until {@link #close}. Their numbers are high,
 * because a launcher between the two programs, a shell script for example, uses low ones. Main loop's thread.
 */
public final class CprExecState implements AutoCloseable {
    /** The environment's variable that holds the memfd's number. */
    public static final String VARIABLE = "QEMU_CPR_EXEC_STATE";

    private static final int LEAST_NUMBER = 100;

    private final List<Integer> owned = new ArrayList<>();

    private CprExecState() {}

    /** Writes what is to be handed over. */
    public static CprExecState write(CprState state) throws CprException {
        CprExecState exec = new CprExecState();
        try {
            int file = MemoryFiles.memfd(VARIABLE, false);
            try {
                exec.owned.add(Fds.dup(file, LEAST_NUMBER));
            } finally {
                Fds.close(file);
            }
            state.write(StateOutput.to(exec.new NumberSink(exec.number())));
            return exec;
        } catch (StateException | IOException e) {
            exec.close();
            throw new CprException("the CPR state cannot be kept for the next program: " + e.getMessage());
        }
    }

    /** The number of the memfd. */
    public int number() {
        return owned.getFirst();
    }

    /** Every descriptor that the next program needs. */
    public List<Integer> descriptors() {
        return List.copyOf(owned);
    }

    /**
     * Reads what the program before this one has left, which it has if the variable is there.
     *
     * @throws CprException if it cannot be used: the guest's memory is gone then
     */
    public static CprState read(Map<String, String> environment) throws CprException {
        String text = environment.getOrDefault(VARIABLE, "");
        int file;
        try {
            file = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new CprException(
                    "environment variable " + VARIABLE + " is '" + text + "', not a descriptor's number");
        }
        if (!Fds.isOpen(file)) {
            throw new CprException("environment variable " + VARIABLE + " names descriptor " + file
                    + ", which this process has not inherited; unset it to start a new machine");
        }
        try {
            Fds.setCloseOnExec(file, true);
            HostFiles.seek(file, 0);
            return CprState.read(StateInput.from(new NumberSource(file)));
        } catch (StateException | IOException e) {
            throw new CprException(e.getMessage());
        } finally {
            Fds.close(file);
        }
    }

    @Override
    public void close() {
        owned.forEach(Fds::close);
        owned.clear();
    }

    /** Writes to the memfd; of a descriptor, the number of a duplicate. */
    private final class NumberSink implements StateOutput.Sink {
        private final int file;

        NumberSink(int file) {
            this.file = file;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int done = 0; done < length; ) {
                done += Fds.write(file, bytes, offset + done, length - done);
            }
        }

        @Override
        public void writeDescriptor(int fd) throws IOException {
            int kept = Fds.dup(fd, LEAST_NUMBER);
            owned.add(kept);
            write(new byte[] {(byte) (kept >> 24), (byte) (kept >> 16), (byte) (kept >> 8), (byte) kept}, 0, 4);
        }
    }

    private record NumberSource(int file) implements StateInput.Source {
        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int n = Fds.read(file, into, offset, length);
            return n == 0 ? -1 : n;
        }

        @Override
        public int readDescriptor(StateInput in) throws IOException, StateException {
            int fd = in.u32();
            try {
                Fds.setCloseOnExec(fd, true);
            } catch (ErrnoException e) {
                throw new StateException(
                        "the CPR state names descriptor " + fd + ", which this process has not inherited", e);
            }
            return fd;
        }
    }
}
