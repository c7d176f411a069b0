package dev.cprkit.agent.check;

import dev.cprkit.agent.check.Finding.Code;
import dev.cprkit.proto.qapi.MigMode;
import dev.cprkit.proto.qapi.MigrationAddress;
import dev.cprkit.proto.qapi.SocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Judges where a guest's device state is to go through (reference/qemu-cpr.md, sections 1.4 and 2.5). Pure. */
public final class ChannelChecks {
    private ChannelChecks() {}

    /** What is wrong with a main channel in that mode. */
    public static List<Finding> findings(MigMode mode, MigrationAddress main) {
        List<Finding> findings = new ArrayList<>();
        switch (main) {
            case MigrationAddress.File file ->
                findings.add(new Finding(
                        Code.MAIN_CHANNEL_FILE,
                        "main channel file:" + file.filename(),
                        "in mode cpr-transfer both processes are there at the same time, and need a stream",
                        "use a unix socket"));
            case MigrationAddress.Socket socket -> socket(socket.address(), findings);
            case MigrationAddress.Rdma rdma -> findings.add(stream("rdma:" + rdma.host() + ":" + rdma.port()));
            case MigrationAddress.Exec _ -> {} // what the command does with the stream is its own business
        }
        return VmCheck.mattering(mode, findings);
    }

    private static void socket(SocketAddress address, List<Finding> findings) {
        findings.add(stream(address.text()));
        if (address instanceof SocketAddress.Inet inet && inet.port().equals("0")) {
            findings.add(new Finding(
                    Code.MAIN_CHANNEL_PORT_ZERO,
                    "main channel " + address.text(),
                    "the new process would choose a port that the old one cannot know",
                    "use a unix socket"));
        }
    }

    private static Finding stream(String address) {
        return new Finding(
                Code.MAIN_CHANNEL_STREAM,
                "main channel " + address,
                "the new process begins when the old one has sent everything, so nobody reads and the guest stands"
                        + " still",
                "use a file");
    }
}
