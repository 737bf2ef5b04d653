package org.swr;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls that wait for another write end if their thread is interrupted, or their writer closed. */
class WaitTest {
  private static final int FRAME = 256 << 10; // bytes: eight take half of a memory limit of 4 MiB

  @TempDir Path folder;
  private Path file;
  private byte[] before;
  private SwrWriter other; // holds the lock of the file

  @BeforeEach
  void anotherWrite_holdsTheLock() throws Exception {
    file = folder.resolve("v.nii.gz");
    try (SwrWriter writer = new SwrWriter(file)) {
      writer.setImageRegion(PixelRegion.of(512, 512, 1));
      writer.setPixelType(new PixelType(ComponentType.UINT8));
      writer.write(new byte[FRAME]);
    }
    before = Files.readAllBytes(file);
    other = new SwrWriter(file);
    other.setExisting(Existing.UPDATE);
    other.begin();
  }

  @AfterEach
  void theOtherWrite_ends() {
    other.close();
  }

  private SwrWriter waiting(Existing existing) {
    SwrWriter writer = new SwrWriter(file);
    writer.setExisting(existing);
    writer.setOption("lock", "wait");
    return writer;
  }

  /**
   * What a call throws on a thread of its own, to which something is done when it waits. `call`
   * counts down when it is about to wait.
   */
  private Throwable thrown(Consumer<CountDownLatch> call, Consumer<Thread> interrupt)
      throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread thread = new Thread(() -> {
      try {
        call.accept(begun);
      } catch (Throwable t) {
        thrown.set(t);
      }
    });
    thread.start();
    assertTrue(begun.await(20, TimeUnit.SECONDS));
    Thread.sleep(100);
    assertTrue(thread.isAlive(), () -> "it does not wait: " + thrown.get());
    interrupt.accept(thread);
    thread.join(20_000);
    boolean waits = thread.isAlive();
    if (waits)
      other.close();
    thread.join(20_000);
    assertFalse(waits, "it waited until the other write had ended");
    return thrown.get();
  }

  private static void expectInterrupted(Throwable t) {
    assertInstanceOf(SwrException.Cancelled.class, t);
    assertTrue(t.getMessage().startsWith("the thread was interrupted: "), t.getMessage());
  }

  private void expectInterrupted(Runnable call) throws Exception {
    expectInterrupted(thrown(begun -> {
      begun.countDown();
      call.run();
    }, Thread::interrupt));
  }

  @Test
  void cancelling_aWaitForTheLock_endsIt() throws Exception {
    try (SwrWriter writer = waiting(Existing.UPDATE)) {
      expectInterrupted(writer::begin);
      expectInterrupted(() -> writer.write(new byte[FRAME]));
      assertArrayEquals(before, Files.readAllBytes(file));
      other.close();
      writer.write(new byte[FRAME]); // the writer can be used again
    }
  }

  @Test
  void closing_aWriterThatWaitsForTheLock_endsTheWait() throws Exception {
    SwrWriter writer = waiting(Existing.UPDATE);
    assertInstanceOf(IllegalStateException.class, thrown(begun -> {
      begun.countDown();
      writer.begin();
    }, thread -> writer.close()));
    assertArrayEquals(before, Files.readAllBytes(file));
  }

  @Test
  void cancelling_aWaitForRoomOrForACheckpoint_endsIt_andAppendingGoesOn() throws Exception {
    try (SwrWriter writer = waiting(Existing.EXTEND)) {
      writer.setMemoryLimit(4 << 20);
      expectInterrupted(thrown(begun -> {
        for (int i = 0; i < 8; ++i) writer.append(new byte[FRAME]);
        begun.countDown();
        writer.append(new byte[FRAME]);
      }, Thread::interrupt));
      expectInterrupted(writer::flush);
      expectInterrupted(writer::finish);
      assertArrayEquals(before, Files.readAllBytes(file));
      other.close();
      writer.append(new byte[FRAME]);
      writer.finish();
    }
    try (SwrReader reader = new SwrReader(file)) {
      assertEquals(10, reader.getImageRegion().getSize(2));
    }
  }
}
