package dev.cprkit.agent.argv;

import java.util.ArrayList;
import java.util.List;

/** The {@code -incoming} option on which a new process asks for the guest's memory (reference/qemu-cpr.md, section 1.5). */
public final class CprChannel {
    private static final String INCOMING = "-incoming";
    private static final String SOCKET = "cpr,addr.transport=socket,addr.type=";

    private CprChannel() {}

    /** Its value for a process that makes the socket. */
    static String listeningAt(String socket) {
        return SOCKET + "unix,addr.path=" + socket.replace(",", ",,");
    }

    /** Its value for a process that inherits the listening socket. */
    public static String listeningOn(int descriptor) {
        return SOCKET + "fd,addr.str=" + descriptor;
    }

    /** The same arguments for a process that inherits the listening socket as a descriptor. */
    public static List<String> inherited(List<String> arguments, int descriptor) {
        List<String> words = new ArrayList<>(arguments);
        for (int i = 1; i < words.size(); i++) {
            if (words.get(i - 1).equals(INCOMING) && words.get(i).startsWith(SOCKET)) {
                words.set(i, listeningOn(descriptor));
            }
        }
        return words;
    }
}
