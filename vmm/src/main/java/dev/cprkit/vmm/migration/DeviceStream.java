package dev.cprkit.vmm.migration;

import dev.cprkit.vmm.cpr.Checkpoint;
import dev.cprkit.vmm.migration.channel.OutgoingChannel;
import dev.cprkit.vmm.state.StateException;

/**
 * The end of a stream on its way out: what the devices are, what that means, and whatever the channel does last. Main
 * loop's thread.
 */
final class DeviceStream {
    /** How it goes. */
    interface Listener {
        /** The stream has been sent to the byte that ends it; what follows is for tools. */
        void whole();

        /** All of it is where it shall be. */
        void finished();

        /** It broke before it was whole, or a file has no end. */
        void failed(String reason);

        /** It was whole, and then the peer did not take what follows: it may have it, or have died of it. */
        void unread(String reason);

        /** It was whole, and then the channel could not be ended as it should. */
        void unfinished(String reason);
    }

    private final OutgoingMigration migration;
    private final OutgoingChannel channel;
    private final Listener listener;

    DeviceStream(OutgoingMigration migration, OutgoingChannel channel, Listener listener) {
        this.migration = migration;
        this.channel = channel;
        this.listener = listener;
    }

    /** Sends the stream's bytes, then the rest. */
    void send(byte[] stream) {
        migration.times().transferred(stream.length);
        channel.send(stream, new OutgoingChannel.Listener() {
            @Override
            public void done() {
                migration.timeline().pass(Checkpoint.STREAM_SENT);
                listener.whole();
                describe();
            }

            @Override
            public void failed(String reason) {
                listener.failed(reason);
            }
        });
    }

    /** The description costs no pause: the new process can run the guest before it has read it. */
    private void describe() {
        byte[] description;
        try {
            description = StreamWriter.description(migration.content());
        } catch (StateException e) {
            // It is for people and tools only; a stream without one is complete, and the peer says so if it expected
            // one.
            description = new byte[0];
        }
        migration.times().transferred(description.length);
        channel.send(description, new OutgoingChannel.Listener() {
            @Override
            public void done() {
                finish();
            }

            @Override
            public void failed(String reason) {
                if (channel.returnPath().isPresent()) {
                    listener.unread(reason);
                } else {
                    listener.failed(reason); // a file without its end is no file
                }
            }
        });
    }

    private void finish() {
        channel.finish(new OutgoingChannel.Listener() {
            @Override
            public void done() {
                listener.finished();
            }

            @Override
            public void failed(String reason) {
                listener.unfinished(reason);
            }
        });
    }
}
