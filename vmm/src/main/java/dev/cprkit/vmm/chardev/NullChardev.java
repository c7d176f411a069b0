package dev.cprkit.vmm.chardev;

import dev.cprkit.vmm.run.EventLoop;

/** Output is thrown away, input never comes. */
public final class NullChardev extends BaseChardev {
    public NullChardev(ChardevConfig.Null config) throws ChardevException {
        super(config.id(), config.options().log());
    }

    @Override
    public String filename() {
        return "null";
    }

    @Override
    public void acceptInput() {}

    @Override
    void moveTo(EventLoop loop) {}

    @Override
    void attached(Frontend end) {
        end.opened();
    }

    @Override
    void transmit(byte[] bytes, int offset, int length) {}
}
