package dev.cprkit.vmm.objects;

import dev.cprkit.vmm.qom.QomNode;
import java.util.Optional;

/** An object that can be removed. Main loop's thread with the machine lock held. */
abstract class UserObject {
    private Optional<QomNode> node = Optional.empty();

    /** How it shows in the tree of objects; made when somebody first looks. */
    final QomNode node() {
        if (node.isEmpty()) {
            node = Optional.of(makeNode());
        }
        return node.get();
    }

    abstract QomNode makeNode();

    /**
     * Removes it.
     *
     * @throws ObjectException if it is in use, and stays
     */
    abstract void remove() throws ObjectException;
}
