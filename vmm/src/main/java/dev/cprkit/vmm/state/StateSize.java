package dev.cprkit.vmm.state;

import java.io.IOException;

/** How many bytes a piece of state takes in a stream now. Stateless. */
public final class StateSize {
    private static final StateOutput.Sink NOWHERE = new StateOutput.Sink() {
        @Override
        public void write(byte[] bytes, int offset, int length) {}

        @Override
        public void writeDescriptor(int fd) {}
    };

    private StateSize() {}

    /** The bytes of the fields and needed subsections; a descriptor counts as none. */
    public static <T> long of(VmState<T> type, T owner) throws StateException {
        return of(type, owner, type.version());
    }

    static <T> long of(VmState<T> type, T owner, int version) throws StateException {
        StateOutput out = StateOutput.to(NOWHERE);
        try {
            StateEncoder.save(type, owner, version, out);
        } catch (IOException e) {
            throw new StateException(e.getMessage(), e);
        }
        return out.position();
    }

    /** The bytes of one field. */
    static <T> long ofField(VmState<T> type, Field<T> field, T owner) throws StateException {
        StateOutput out = StateOutput.to(NOWHERE);
        try {
            StateEncoder.saveField(type, type.version(), field, owner, out);
        } catch (IOException e) {
            throw new StateException(e.getMessage(), e);
        }
        return out.position();
    }
}
