package dev.cprkit.vmm.state;

/** When a section is saved, and so loaded: classes in descending order, sections of one class as they were registered. */
public enum Priority {
    /** After everything else. */
    LOW,
    DEFAULT,
    /** Translation of device addresses, before the devices that use it. */
    IOMMU,
    /** Buses, before the devices on them. */
    PCI_BUS,
    /** Memory that comes and goes, before devices that look at it. */
    VIRTIO_MEM,
    /** Tables of interrupt translation, which lie in guest memory. */
    INTERRUPT_TRANSLATOR,
    /** Interrupt controllers, before the devices that are wired to them. */
    INTERRUPT_CONTROLLER
}
