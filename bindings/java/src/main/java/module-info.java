/** Writes and reads N-dimensional images that do not fit in memory, piece by piece. */
module org.swr {
  exports org.swr;
}
