package org.splitrack.manager.internal.file;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import org.splitrack.fabric.control.FileCalls.NodeKind;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** {@code /v1/files}: {@code rack put}, {@code get}, {@code ls} and {@code rm}. */
@RestController
@RequestMapping("/v1/files")
final class FileApi {
  /** Of a body that is refused, so much is read and dropped: then the client reads the refusal. */
  private static final long MAX_DROPPED_BYTES = 256L << 20;

  private final GlobalFiles files;
  private final FileTransfers transfers;

  FileApi(GlobalFiles files, FileTransfers transfers) {
    this.files = files;
    this.transfers = transfers;
  }

  @GetMapping
  List<FileRow> list(
      @RequestParam String path, @RequestParam(defaultValue = "default") String tenant) {
    return files.list(FilePath.parse(tenant, path));
  }

  @PutMapping("/content")
  Map<String, Long> put(
      @RequestParam String path,
      @RequestParam(defaultValue = "default") String tenant,
      HttpServletRequest request)
      throws IOException {
    InputStream content = request.getInputStream();
    try {
      return Map.of("bytes", transfers.put(FilePath.parse(tenant, path), content).bytes());
    } catch (FileRefusal e) {
      drop(content);
      throw e;
    }
  }

  @GetMapping("/content")
  void get(
      @RequestParam String path,
      @RequestParam(defaultValue = "default") String tenant,
      HttpServletResponse response)
      throws IOException {
    transfers.get(
        FilePath.parse(tenant, path),
        (info, content) -> {
          response.setContentType("application/octet-stream");
          response.setContentLengthLong(info.bytes());
          try {
            content.copyTo(response.getOutputStream());
          } catch (RuntimeException e) {
            forgetLength(response);
            throw e;
          }
        });
  }

  @DeleteMapping
  ResponseEntity<Void> delete(
      @RequestParam String path, @RequestParam(defaultValue = "default") String tenant) {
    FilePath parsed = FilePath.parse(tenant, path);
    if (files.names().lookUp(parsed).kind() == NodeKind.DIRECTORY) {
      files.names().removeDirectory(parsed);
    } else {
      files.names().unlink(parsed);
    }
    return ResponseEntity.noContent().build();
  }

  @ExceptionHandler
  ResponseEntity<Map<String, String>> refused(FileRefusal refusal) {
    int status =
        switch (refusal.error()) {
          case NOT_FOUND -> 404;
          case EXISTS, NOT_A_DIRECTORY, IS_A_DIRECTORY, NOT_EMPTY, NO_SPACE -> 409;
          case INVALID, NAME_TOO_LONG, BAD_NAME, FILE_TOO_LARGE -> 400;
          case EXPELLED -> 403;
        };
    return ResponseEntity.status(status)
        .body(Map.of("error", String.valueOf(refusal.getMessage())));
  }

  /** A refusal is not as long as the file: with the file's length it would count as cut off. */
  private static void forgetLength(HttpServletResponse response) {
    if (!response.isCommitted()) {
      response.reset();
    }
  }

  private static void drop(InputStream content) throws IOException {
    long left = MAX_DROPPED_BYTES;
    long skipped = content.skip(left);
    while (skipped > 0 && left > 0) {
      left -= skipped;
      skipped = content.skip(left);
    }
  }
}
