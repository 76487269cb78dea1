// AVR's flash has addresses of its own. As newer AVRs do in hardware, bundles are read through a
// window of 32 KiB from 0x8000 on, where no RAM is: all of 32 KiB, the second half of 64 KiB, the
// last quarter of 128 KiB, and of 256 KiB what begins at 0x28000. For assembly and C.
#if defined(__AVR__) && !defined(__AVR_PM_BASE_ADDRESS__)
#define HALTERE_FLASH_WINDOW 0x8000
#endif
