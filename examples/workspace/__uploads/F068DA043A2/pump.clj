(defn pump [l]
  (* l 0.26))
